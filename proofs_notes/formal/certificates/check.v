(** The checker: a function from a certificate's corners to a boolean, and what it means that it is true. Each corner is
    reached from the one before by a silent or a readout segment; the first and those behind a readout segment are
    evaluated, exactly; the others have the loss of the corner before them.

    Definitions: [kind], of a segment; [readout_between], only V and (U, c) move; [linked], all segments are of their
    kinds; [evaluated], the corners whose loss is computed; [final], the last corner; [stimes], [sle], product and
    order of numbers with exponents; [at_most], the mean is at most num/den; [sound_table], the evaluation is exact;
    [check], the whole check; [loss_at], the squared error of a network; [without_skip], V is zero at every corner.
    Statements: T6. *)

From Coq Require Import Reals Lra Psatz List Arith Bool Lia ZArith Sint63.
From Skipscape.base Require Import sums relu paths chains.
From Skipscape.networks Require Import networks deep.
From Skipscape.lemmas Require Import readout losses.
From Skipscape.routes Require Import route.
From Skipscape.theorems Require Import bridge.
From Skipscape.certificates Require Import numbers evaluate samples liveness.
Import ListNotations.
Open Scope R_scope.

Inductive kind := Silent | Readout.

Definition readout_between (c d : corner) : bool :=
  (list_eqb Nat.eqb (chosen c) (chosen d) && array_eqb (into_branch c) (into_branch d) &&
   list_eqb array_eqb (inside c) (inside d))%bool.

Fixpoint linked (s : sizes) (c : corner) (rest : list (kind * corner)) : bool :=
  match rest with
  | nil => true
  | (Silent, d) :: rest' => (silent_between s c d && linked s d rest')%bool
  | (Readout, d) :: rest' => (readout_between c d && linked s d rest')%bool
  end.

Definition evaluated (c : corner) (rest : list (kind * corner)) : list corner :=
  c :: map snd (filter (fun seg => match fst seg with Silent => false | Readout => true end) rest).
Definition final (c : corner) (rest : list (kind * corner)) : corner := last (map snd rest) c.

Definition stimes (n : Z) (a : scaled) : scaled := ((n * fst a)%Z, snd a).
Definition sle (a b : scaled) : bool := let e := Nat.max (snd a) (snd b) in Z.leb (lift a e) (lift b e).
Definition at_most (N : nat) (num den : Z) (sum : scaled) : bool := sle (stimes den sum) ((num * Z.of_nat N)%Z, O).

(** the evaluation is exact: nothing leaves 63 bits, and every feature fits its digits *)
Definition sound_table (s : sizes) (X Y : array) (bank : list array) (corners : list corner)
    (t : list (bool * list scaled)) : bool :=
  (data_fit s X Y && bank_fits s X bank && forallb (corner_fits s bank) corners && forallb fst t)%bool.

Definition check (s : sizes) (X Y : array) (bank : list array) (c : corner) (rest : list (kind * corner)) (num den : Z) : bool :=
  let corners := evaluated c rest in
  let t := table s X Y bank corners in
  (Z.ltb 0 den && linked s c rest && sound_table s X Y bank corners t &&
   forallb (fun i => at_most (samples s) num den (total t i)) (seq 0 (length corners)))%bool.

Lemma stimes_ok n a : sval (stimes n a) = IZR n * sval a.
Proof. unfold stimes, sval; cbn [fst snd]. rewrite mult_IZR. unfold Rdiv. ring. Qed.

Lemma sle_ok a b : sle a b = true -> sval a <= sval b.
Proof.
  unfold sle. set (e := Nat.max (snd a) (snd b)). intros H. apply Z.leb_le, IZR_le in H.
  rewrite <- (lift_ok a e), <- (lift_ok b e) by (unfold e; lia).
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, two_power_pos | easy].
Qed.

Lemma combine_places {I J : Type} (u : list I) (v : list J) d d' n : length u = n -> length v = n ->
  combine u v = map (fun k => (nth k u d, nth k v d')) (seq 0 n).
Proof.
  revert v n. induction u as [|a u IH]; intros [|b v] n Hu Hv; simpl in Hu, Hv; subst n; try easy.
  injection Hv as Hv. cbn [combine length seq map nth]. f_equal. rewrite <- seq_shift, map_map. now apply IH.
Qed.

Lemma last_cons {I : Type} (l : list I) : forall d c, last (d :: l) c = last l d.
Proof.
  induction l as [|a l IH]; intros d c; [easy|].
  change (last (d :: a :: l) c) with (last (a :: l) c). rewrite IH. symmetry. apply IH.
Qed.

Section Check.
Variables (s : sizes) (X Y : array) (bank : list array).
Notation given := (data_of (samples s) (seen_by_first s) (targets s) X Y).
Notation branch_of := (biased_branch (branch_width s) (branch_widths s)).
Notation weights := (network bank (width s)).
Definition loss_at (P : param) : R := squared given (parallel given (width s) branch_of P).

(** a corner's total is N times its loss *)
Lemma total_ok corners i c : sound_table s X Y bank corners (table s X Y bank corners) = true ->
  (i < length corners)%nat -> nth i corners c = c ->
  sval (total (table s X Y bank corners) i) = INR (samples s) * loss_at (weights c).
Proof.
  intros H Hi Ec. unfold sound_table in H. rewrite !andb_true_iff in H. destruct H as [[[Hfit Hbank] Hcorners] Hfine].
  rewrite forallb_forall in Hcorners. assert (Hc : corner_fits s bank c = true).
  { rewrite <- Ec. apply Hcorners. now apply nth_In. }
  pose proof Hfit as Hfit'. unfold data_fit in Hfit'. rewrite !andb_true_iff in Hfit'.
  destruct Hfit' as [[[[[[HX HY] HN] _] _] _] _]. apply Nat.eqb_eq in HX, HY. apply Nat.ltb_lt in HN.
  unfold total, table in *. rewrite (combine_places (rows X) (rows Y) nil nil (samples s)) in * by easy.
  rewrite !map_map in *. cbn [fst snd] in *. rewrite ssum_ok.
  unfold loss_at, squared. cbn [points data_of outputs]. rewrite <- lsum_scal. apply lsum_ext. intros k Hk.
  pose proof Hk as Hk'. apply in_rng in Hk'. rewrite forallb_forall in Hfine.
  match type of Hfine with forall x, In x (map ?g _) -> _ => specialize (Hfine (g k) (in_map g _ _ Hk)) end.
  unfold one_sample in *. cbn [fst snd] in *.
  match goal with |- context [nth i (map ?g (map ?f corners)) ?d] =>
    rewrite (nth_indep (map g (map f corners)) d (g (f c))) by (now rewrite !map_length);
    rewrite (map_nth g (map f corners) (f c) i); rewrite (map_nth f corners c i) end.
  rewrite Ec. cbn [fst snd].
  rewrite <- (map_id (errors _ _ _ _ _ _ _ _ _ _)) at 1. rewrite map_map, ssum_ok.
  rewrite (lsum_ext _ _ (fun a => (sval a)^2)).
  - rewrite <- (lsum_map _ sval (fun v => v^2)).
    rewrite (corner_errors s X Y bank Hfit Hbank c k _ Hc Hk' eq_refl Hfine), lsum_map.
    cbn [weight data_of]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l; [easy|]. apply not_0_INR. lia.
  - intros a _. unfold sval, ssquare; cbn [fst snd]. rewrite mult_IZR, pow_add. field. apply Rgt_not_eq, two_power_pos.
Qed.

Lemma at_most_ok num den sum loss : (0 < den)%Z -> (0 < samples s)%nat -> sval sum = INR (samples s) * loss ->
  at_most (samples s) num den sum = true -> loss <= IZR num / IZR den.
Proof.
  intros Hd HN E H. apply sle_ok in H. rewrite stimes_ok, E in H. unfold sval in H; cbn [fst snd pow] in H.
  rewrite mult_IZR, <- INR_IZR_INZ in H. apply lt_0_INR in HN. apply IZR_lt in Hd.
  apply (Rmult_le_reg_r (IZR den)); [easy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  apply (Rmult_le_reg_r (INR (samples s))); [easy|]. lra.
Qed.

(** the segments *)
Lemma readout_between_ok c d : readout_between c d = true ->
  weights d = readout (weights c) (V (weights d)) (U (weights d)).
Proof.
  intros H. unfold readout_between in H. rewrite !andb_true_iff in H. destruct H as [[H1 H2] H3].
  apply (list_eqb_ok _ (fun a b => proj1 (Nat.eqb_eq a b))) in H1. apply array_eqb_ok in H2.
  apply (list_eqb_ok _ array_eqb_ok) in H3.
  apply param_ext; intros; unfold readout, network; entries; now rewrite ?H1, ?H2, ?H3.
Qed.

Lemma linked_chain rest : forall c, linked s c rest = true ->
  chain (silent_or_readout given (width s) branch_of) (weights c) (map (fun seg => weights (snd seg)) rest)
    (weights (final c rest)).
Proof.
  induction rest as [|[k d] rest IH]; intros c H; [apply chain_end|].
  assert (E : final c ((k, d) :: rest) = final d rest).
  { unfold final. cbn [map snd]. apply last_cons. }
  rewrite E. cbn [map snd]. apply chain_segment; destruct k; cbn [linked] in H; apply andb_prop in H; destruct H as [H1 H2].
  - left. intros t _. now apply L9_certified.
  - right. exists (V (weights d)), (U (weights d)). now apply readout_between_ok.
  - now apply IH.
  - now apply IH.
Qed.

(** the corners that are not evaluated have the loss of one that is *)
Lemma all_below rest level : forall c, linked s c rest = true -> loss_at (weights c) <= level ->
  (forall d, In d (evaluated c rest) -> loss_at (weights d) <= level) ->
  forall P, In P (weights c :: map (fun seg => weights (snd seg)) rest) -> loss_at P <= level.
Proof.
  induction rest as [|[k d] rest IH]; intros c H Hc Hall P HP; [now destruct HP as [<-|[]]|].
  destruct HP as [<-|HP]; [easy|]. cbn [map snd] in HP.
  destruct k; cbn [linked] in H; apply andb_prop in H; destruct H as [H1 H2].
  - assert (Hd : loss_at (weights d) <= level).
    { unfold loss_at. rewrite <- (lin_1 (weights c) (weights d)), L9_certified by easy. exact Hc. }
    apply (IH d H2 Hd); [|easy]. intros e [<-|He]; [easy|]. apply Hall. now right.
  - assert (Hd : loss_at (weights d) <= level) by (apply Hall; right; now left).
    apply (IH d H2 Hd); [|easy]. intros e He. apply Hall. now right.
Qed.

(** a path through the corners, below the level if they are *)
Lemma path_below c rest level : linked s c rest = true ->
  (forall d, In d (evaluated c rest) -> loss_at (weights d) <= level) ->
  exists gam, path gam /\ gam 0 = weights c /\ gam 1 = weights (final c rest) /\
    (forall t, 0 <= t <= 1 -> loss_at (gam t) <= level) /\
    (forall t, 0 <= t <= 1 -> exists Q Q' u, In Q (weights c :: map (fun seg => weights (snd seg)) rest) /\
      In Q' (weights c :: map (fun seg => weights (snd seg)) rest) /\ gam t = lin u Q Q').
Proof.
  intros H Hall. destruct (chain_path _ _ _ _ (linked_chain rest c H)) as (gam & Hg & g0 & g1 & _ & Hpoints).
  exists gam. split; [easy|]. split; [easy|]. split; [easy|].
  assert (Hc : loss_at (weights c) <= level) by (apply Hall; now left).
  pose proof (all_below rest level c H Hc Hall) as Hcorners. split; intros t Ht.
  - destruct (Hpoints t Ht) as (Q & Q' & u & HQ & HQ' & [Hk|<-] & Hu & ->).
    + eapply Rle_trans.
      * apply (silent_or_readout_below given (width s) branch_of (squared given) (convex_max_at_ends _ (L7_squared given)) Q Q' u Hk Hu).
      * apply Rmax_lub; now apply Hcorners.
    + rewrite lin_same. now apply Hcorners.
  - destruct (Hpoints t Ht) as (Q & Q' & u & HQ & HQ' & _ & _ & E). now exists Q, Q', u.
Qed.

Lemma check_parts c rest num den : check s X Y bank c rest num den = true ->
  linked s c rest = true /\ forall d, In d (evaluated c rest) -> loss_at (weights d) <= IZR num / IZR den.
Proof.
  intros H. unfold check in H. rewrite !andb_true_iff in H. destruct H as [[[Hd Hl] Ht] Hall]. split; [easy|].
  intros d Hin. apply (In_nth _ _ d) in Hin. destruct Hin as (i & Hi & Ei). rewrite forallb_forall in Hall.
  specialize (Hall i (proj2 (in_rng _ _) Hi)). apply Z.ltb_lt in Hd.
  apply (at_most_ok num den _ _ Hd) with (2 := total_ok _ i d Ht Hi Ei) (3 := Hall).
  unfold sound_table, data_fit in Ht. rewrite !andb_true_iff in Ht. apply Nat.ltb_lt. apply Ht.
Qed.

(** what a certificate proves: T6's statement about these very networks and data *)
Theorem check_sound c rest num den : check s X Y bank c rest num den = true ->
  exists g, path g /\ g 0 = weights c /\ g 1 = weights (final c rest) /\
    forall t, 0 <= t <= 1 -> squared given (parallel given (width s) branch_of (g t)) <= IZR num / IZR den.
Proof.
  intros H. apply check_parts in H. destruct H as [Hl Hall].
  destruct (path_below c rest _ Hl Hall) as (g & Hg & g0 & g1 & Hlevel & _). now exists g.
Qed.

(** PLAIN: V is zero at every corner, and so on the whole path *)
Definition without_skip (c : corner) (rest : list (kind * corner)) : bool :=
  forallb (fun d => match rows (into_outputs d) with nil => true | _ => false end) (c :: map snd rest).

Theorem check_sound_plain c rest num den : check s X Y bank c rest num den = true -> without_skip c rest = true ->
  exists g, path g /\ g 0 = weights c /\ g 1 = weights (final c rest) /\
    forall t, 0 <= t <= 1 -> squared given (plain given (width s) branch_of (g t)) <= IZR num / IZR den.
Proof.
  intros H Hv. apply check_parts in H. destruct H as [Hl Hall].
  destruct (path_below c rest _ Hl Hall) as (g & Hg & g0 & g1 & Hlevel & Hpoints). exists g.
  repeat split; try easy. intros t Ht. specialize (Hlevel t Ht). unfold loss_at in Hlevel.
  replace (plain given (width s) branch_of (g t)) with (parallel given (width s) branch_of (g t)); [easy|].
  destruct (Hpoints t Ht) as (Q & Q' & u & HQ & HQ' & ->). unfold without_skip in Hv. rewrite forallb_forall in Hv.
  assert (H0 : forall P, In P (weights c :: map (fun seg => weights (snd seg)) rest) -> forall j o, V P j o = 0).
  { intros P HP j o. assert (Hd : exists d, In d (c :: map snd rest) /\ P = weights d).
    { destruct HP as [<-|HP]; [exists c; now split; [left|]|]. apply in_map_iff in HP. destruct HP as (seg & <- & Hseg).
      exists (snd seg). split; [right; now apply in_map | easy]. }
    destruct Hd as (d & Hd & ->). specialize (Hv d Hd). unfold network; entries. unfold entry.
    destruct (rows (into_outputs d)); [|easy]. destruct o; unfold digits; simpl; unfold Rdiv; ring. }
  apply matrix_ext. intros k o. unfold parallel, plain. replace (skip _ _ _ _ _) with 0; [ring|]. symmetry.
  apply lsum_zero. intros j _. replace (V (lin u Q Q') j o) with ((1 - u) * V Q j o + u * V Q' j o) by reflexivity.
  rewrite !H0 by easy. ring.
Qed.
End Check.
