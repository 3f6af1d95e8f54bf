(** T8b [ours] (blueprint-2, section 2): for every m a two-layer network with m neurons on finite rational data whose
    depth is exactly min_j ||h_j||^2: C7's first bound is attained at every width. Points e_i with target 1, sums of
    two of them with target 0, and one more direction with target -b.

    Definitions: [pair_weight], the weights: om at e_i, om/4 at e_i + e_k in either order (so om/2 together), q at the
    last point; [pair_data], the data; [pair], the index of e_i + e_k; [pair_rows], w_j = e_j minus the other e_i, and
    [pair_theta], theta: these rows, V_j = 1.
    Statements: T8b. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses slots smooth draw.
From Skipscape.routes Require Import refit.
From Skipscape.theorems Require Import connectivity positivity.
Import ListNotations.
Open Scope R_scope.

Section Design.
Variables (m : nat) (om q b : R).
Hypotheses (Hm : (1 <= m)%nat) (Hom : 0 < om) (Hq : 0 <= q) (Hb : 0 <= b).

(** point k < m: e_k, weight om, target 1; point m + i m + k: e_i + e_k, weight om/4 (i <> k, both orders), target 0;
    the last: e_m, weight q, target -b *)
Definition pair_weight (k : nat) : R :=
  if Nat.ltb k m then om else if Nat.ltb k (m + m * m) then
    (if Nat.eqb ((k - m) / m) ((k - m) mod m) then 0 else om / 4) else q.
Lemma pair_weight_nonneg k : 0 <= pair_weight k.
Proof. unfold pair_weight. destruct (Nat.ltb k m); [lra|]. destruct (Nat.ltb k (m + m * m)); [|easy].
  destruct (Nat.eqb _ _); lra. Qed.
Definition pair_data : data := Data (m + m * m + 1) (m + 1) 1
  (fun k i => if Nat.ltb k m then kronecker k i else if Nat.ltb k (m + m * m) then
     kronecker ((k - m) / m) i + kronecker ((k - m) mod m) i else kronecker m i)
  (fun k _ => if Nat.ltb k m then 1 else if Nat.ltb k (m + m * m) then 0 else - b)
  pair_weight pair_weight_nonneg.

Definition pair (i k : nat) : nat := (m + i * m + k)%nat.

Lemma pair_split i k : (i < m)%nat -> (k < m)%nat -> (m <= pair i k < m + m * m)%nat /\ ((pair i k - m) / m)%nat
  = i /\ ((pair i k - m) mod m)%nat = k.
Proof.
  intros Hi Hk. unfold pair. split; [nia|]. replace (m + i * m + k - m)%nat with (k + i * m)%nat by lia.
  rewrite Nat.div_add, Nat.mod_add, Nat.div_small, Nat.mod_small by lia. lia.
Qed.

Lemma seq_sum n1 n2 (F : nat -> R) : \sum_(k < n1 + n2) (F k) = \sum_(k < n1) (F k) + \sum_(k < n2) (F (n1 + k)%nat).
Proof.
  rewrite seq_app, lsum_app. f_equal.
  replace (seq (0 + n1) n2) with (List.map (fun k => (n1 + k)%nat) (seq 0 n2)); [now rewrite lsum_map|].
  induction n2 as [|n IH]; [easy|]. rewrite !seq_S, map_app, IH. reflexivity.
Qed.

Lemma grid_sum r (F : nat -> R) : \sum_(k < r * m) (F k) = \sum_(i < r) \sum_(k < m) (F (i * m + k)%nat).
Proof.
  induction r as [|r IH]; [easy|]. replace (S r * m)%nat with (r * m + m)%nat by lia.
  rewrite seq_sum, IH. rewrite seq_S, lsum_app. simpl. ring.
Qed.

Lemma pair_loss f : squared pair_data f = om * \sum_(i < m) (f i O - 1)^2
  + \sum_(i < m) \sum_(k < m) ((if Nat.eqb i k then 0 else om / 4) * (f (pair i k) O)^2) + q * (f (m + m * m)%nat O
      + b)^2.
Proof.
  unfold squared. cbn [points outputs pair_data]. rewrite seq_sum, seq_sum, grid_sum. f_equal; [f_equal|].
  - rewrite <- lsum_scal. apply lsum_ext. intros i Hi. apply in_rng in Hi. cbn [seq lsum weight target pair_data].
    unfold pair_weight.
    rewrite (proj2 (Nat.ltb_lt i m) Hi). cbn. ring.
  - apply lsum_ext; intros i Hi. apply in_rng in Hi. apply lsum_ext; intros k Hk. apply in_rng in Hk.
    replace (m + (i * m + k))%nat with (pair i k) by (unfold pair; lia).
    destruct (pair_split i k Hi Hk) as (Hr & Ed & Em). cbn [seq lsum weight target pair_data]. unfold pair_weight.
    rewrite (proj2 (Nat.ltb_ge (pair i k) m)), (proj2 (Nat.ltb_lt (pair i k) (m + m * m))), Ed, Em by lia. cbn. ring.
  - cbn [seq lsum weight target pair_data]. unfold pair_weight. rewrite Nat.add_0_r.
    rewrite (proj2 (Nat.ltb_ge (m + m * m) m)), (proj2 (Nat.ltb_ge (m + m * m) (m + m * m))) by lia. cbn. ring.
Qed.

Lemma dot_delta w i : (i < m + 1)%nat -> dot pair_data w (kronecker i) = w i.
Proof.
  intros Hi. unfold dot. cbn [seen pair_data]. rewrite (lsum_ext _ _ (fun k => if Nat.eqb i k then w k else 0)).
  - now apply lsum_delta.
  - intros k _. unfold kronecker. destruct (Nat.eqb i k); ring.
Qed.

Lemma single_dot w i : (i < m)%nat -> dot pair_data w (input pair_data i) = w i.
Proof.
  intros Hi. rewrite <- (dot_delta w i) by lia. unfold dot. apply lsum_ext; intros n _. cbn [input pair_data].
  now rewrite (proj2 (Nat.ltb_lt i m) Hi).
Qed.

Lemma pair_dot w i k : (i < m)%nat -> (k < m)%nat -> dot pair_data w (input pair_data (pair i k)) = w i + w k.
Proof.
  intros Hi Hk. destruct (pair_split i k Hi Hk) as (Hr & Ed & Em).
  rewrite <- (dot_delta w i), <- (dot_delta w k) by lia. unfold dot. rewrite <- lsum_plus. apply lsum_ext; intros n _.
  cbn [input pair_data].
  rewrite (proj2 (Nat.ltb_ge (pair i k) m)), (proj2 (Nat.ltb_lt (pair i k) (m + m * m))), Ed, Em by lia. ring.
Qed.

Lemma last_dot w : dot pair_data w (input pair_data (m + m * m)%nat) = w m.
Proof.
  rewrite <- (dot_delta w m) by lia. unfold dot. apply lsum_ext; intros n _. cbn [input pair_data].
  now rewrite (proj2 (Nat.ltb_ge (m + m * m) m)), (proj2 (Nat.ltb_ge (m + m * m) (m + m * m))) by lia.
Qed.

Notation net := (parallel pair_data m no_branch).
Notation loss P := (squared pair_data (net P)).

Lemma net_sum P k : net P k O = \sum_(j < m) (V P j O * relu (dot pair_data (W P j) (input pair_data k))).
Proof. unfold parallel, deep, skip, feature. cbn. ring. Qed.

(** positive readouts, one of them 0: the loss on singles and pairs is at least om *)
Lemma one_less P j0 : (j0 < m)%nat -> V P j0 O = 0 -> (forall j, (j < m)%nat -> 0 <= V P j O) ->
  om + q * b^2 <= loss P.
Proof.
  intros Hj0 E0 HV. rewrite pair_loss.
  set (v := fun j => if Nat.ltb j m then V P j O else 0).
  assert (Hv : forall j, 0 <= v j) by (intros j; unfold v; destruct (Nat.ltb_spec j m); [now apply HV | lra]).
  assert (Hnet : forall k, net P k O = \sum_(j < m) (v j * relu (dot pair_data (W P j) (input pair_data k)))).
  { intros k. rewrite net_sum. apply lsum_ext. intros j Hj. apply in_rng in Hj. unfold v.
    now rewrite (proj2 (Nat.ltb_lt j m) Hj). }
  set (a := fun j i => sqrt (v j * relu (W P j i))).
  assert (Ha : forall j i, 0 <= v j * relu (W P j i)) by (intros; apply Rmult_le_pos; [easy | apply relu_nonneg]).
  assert (Ha0 : forall i, a j0 i = 0).
  { intros i. unfold a, v. rewrite (proj2 (Nat.ltb_lt j0 m) Hj0), E0, Rmult_0_l. apply sqrt_0. }
  pose proof (gram_misses m a j0 Hj0 Ha0) as HG.
  assert (Hlast : 0 <= net P (m + m * m)%nat O).
  { rewrite Hnet. apply lsum_nonneg. intros; apply Rmult_le_pos; [easy | apply relu_nonneg]. }
  assert (Hdiag : forall i, (i < m)%nat -> net P i O = \sum_(j < m) (a j i * a j i)).
  { intros i Hi. rewrite Hnet. apply lsum_ext; intros j _. rewrite single_dot by easy. unfold a.
    now rewrite sqrt_sqrt. }
  assert (Hpair : forall i k, (i < m)%nat -> (k < m)%nat -> 2 * \sum_(j < m) (a j i * a j k) <= net P (pair i k) O).
  { intros i k Hi Hk. rewrite Hnet, <- lsum_scal. apply lsum_le; intros j _. rewrite pair_dot by easy.
    destruct (Rle_dec (W P j i) 0) as [Hn|Hp].
    { unfold a. rewrite (relu_neg (W P j i)) by easy. rewrite Rmult_0_r, sqrt_0.
      pose proof (Rmult_le_pos _ _ (Hv j) (relu_nonneg (W P j i + W P j k))). lra. }
    destruct (Rle_dec (W P j k) 0) as [Hn|Hp'].
    { unfold a. rewrite (relu_neg (W P j k)) by easy. rewrite Rmult_0_r, sqrt_0.
      pose proof (Rmult_le_pos _ _ (Hv j) (relu_nonneg (W P j i + W P j k))). lra. }
    pose proof (sqrt_sqrt _ (Ha j i)) as Ei. pose proof (sqrt_sqrt _ (Ha j k)) as Ek. fold (a j i) in Ei.
    fold (a j k) in Ek.
    rewrite relu_pos in Ei by lra. rewrite relu_pos in Ek by lra. rewrite relu_pos by lra.
    pose proof (pow2_ge_0 (a j i - a j k)). nra. }
  assert (HG0 : forall i k, 0 <= \sum_(j < m) (a j i * a j k)) by
    (intros; apply lsum_nonneg; intros; apply Rmult_le_pos; apply sqrt_pos).
  assert (Hterm : om * \sum_(i < m) \sum_(k < m) (kronecker i k - \sum_(j < m) (a j i * a j k))^2
    <= om * \sum_(i < m) (net P i O - 1)^2
       + \sum_(i < m) \sum_(k < m) ((if Nat.eqb i k then 0 else om / 4) * (net P (pair i k) O)^2)).
  { rewrite <- !lsum_scal, <- lsum_plus. apply lsum_le; intros i Hi. apply in_rng in Hi. rewrite <- lsum_scal.
    rewrite (lsum_ext _ (fun k => om * _) (fun k => (if Nat.eqb i k then om * (net P k O - 1)^2 else 0)
       + (if Nat.eqb i k then 0 else om * (\sum_(j < m) (a j i * a j k))^2))).
    - rewrite lsum_plus, (lsum_delta m i (fun k => om * (net P k O - 1)^2) Hi). apply Rplus_le_compat_l.
      apply lsum_le; intros k Hk. apply in_rng in Hk. destruct (Nat.eqb i k); [rewrite Rmult_0_l; apply Rle_refl|].
      pose proof (Hpair i k Hi Hk) as Hp. pose proof (HG0 i k) as Hg.
      set (g := \sum_(j < m) (a j i * a j k)) in *. assert (H4 : (2 * g)^2 <= (net P (pair i k) O)^2)
        by (apply pow_incr; lra).
      apply Rle_trans with (om / 4 * (2 * g)^2); [right; field | apply Rmult_le_compat_l; lra].
    - intros k Hk. apply in_rng in Hk. unfold kronecker. destruct (Nat.eqb_spec i k) as [->|Hne];
        [rewrite (Hdiag k Hk)|]; ring. }
  assert (q * b^2 <= q * (net P (m + m * m)%nat O + b)^2) by (apply Rmult_le_compat_l; [easy|]; nra). nra.
Qed.

(** theta: w_j = e_j - sum of the other e_i, V_j = 1 *)
Definition pair_rows : matrix := fun j i => if Nat.ltb i m then (if Nat.eqb j i then 1 else -1) else 0.
Definition pair_theta : param := make pair_rows (fun _ _ => 1) zero_matrix zero_matrix (fun _ => zero_matrix).

Lemma theta_net v k : net (readout pair_theta v zero_matrix) k O
  = \sum_(j < m) (v j O * relu (dot pair_data (pair_rows j) (input pair_data k))).
Proof. apply net_sum. Qed.

Lemma theta_values v : (forall i, (i < m)%nat -> net (readout pair_theta v zero_matrix) i O = v i O) /\
  (forall i k, (i < m)%nat -> (k < m)%nat -> i <> k -> net (readout pair_theta v zero_matrix) (pair i k) O = 0) /\
  net (readout pair_theta v zero_matrix) (m + m * m)%nat O = 0.
Proof.
  split; [|split].
  - intros i Hi. rewrite theta_net. rewrite (lsum_ext _ _ (fun j => if Nat.eqb i j then v j O else 0)).
    + now apply (lsum_delta m i (fun j => v j O)).
    + intros j _. rewrite single_dot by easy. unfold pair_rows. rewrite (proj2 (Nat.ltb_lt i m) Hi), (Nat.eqb_sym j i).
      destruct (Nat.eqb i j); [rewrite relu_pos by lra | rewrite relu_neg by lra]; ring.
  - intros i k Hi Hk Hne. rewrite theta_net. apply lsum_zero; intros j _. rewrite pair_dot by easy. unfold pair_rows.
    rewrite (proj2 (Nat.ltb_lt i m) Hi), (proj2 (Nat.ltb_lt k m) Hk).
    destruct (Nat.eqb_spec j i); destruct (Nat.eqb_spec j k); try (exfalso; congruence); rewrite relu_neg by lra; ring.
  - rewrite theta_net. apply lsum_zero; intros j _. rewrite last_dot. unfold pair_rows.
    rewrite (proj2 (Nat.ltb_ge m m) (Nat.le_refl m)), relu_neg by lra. ring.
Qed.

Lemma theta_readout_loss v : loss (readout pair_theta v zero_matrix) = om * \sum_(i < m) (v i O - 1)^2 + q * b^2.
Proof.
  destruct (theta_values v) as (H1 & H2 & H3). rewrite pair_loss, H3. f_equal; [|ring].
  rewrite <- Rplus_0_r. f_equal.
  - f_equal. apply lsum_ext; intros i Hi. apply in_rng in Hi. now rewrite H1.
  - apply lsum_zero; intros i Hi. apply in_rng in Hi. apply lsum_zero; intros k Hk. apply in_rng in Hk.
    destruct (Nat.eqb_spec i k); [ring|]. rewrite H2 by easy. ring.
Qed.

Lemma pair_theta_readout : pair_theta = readout pair_theta (fun _ _ => 1) zero_matrix.
Proof. now apply param_ext. Qed.

Lemma theta_loss : loss pair_theta = q * b^2.
Proof. rewrite pair_theta_readout, theta_readout_loss, lsum_zero by (intros; ring). ring. Qed.

Lemma at_least_om : depth_at_least (fun P => loss P) pair_theta om.
Proof.
  replace om with ((om + q * b^2) - loss pair_theta) by (rewrite theta_loss; ring).
  apply (T8a_positivity m (fun P => loss P)).
  - intros j _. change (0 < 1). lra.
  - intros T HT. rewrite theta_loss, pair_loss.
    assert (Hlast : 0 <= net T (m + m * m)%nat O).
    { rewrite net_sum. apply lsum_nonneg. intros j Hj. apply in_rng in Hj.
      apply Rmult_le_pos; [now apply HT | apply relu_nonneg]. }
    assert (0 <= om * \sum_(i < m) (net T i O - 1)^2) by (apply Rmult_le_pos; [lra | apply lsum_nonneg; intros;
      apply pow2_ge_0]).
    assert (0 <= \sum_(i < m) \sum_(k < m) ((if Nat.eqb i k then 0 else om / 4) * (net T (pair i k) O)^2)).
    { apply lsum_nonneg; intros; apply lsum_nonneg; intros; apply Rmult_le_pos; [|apply pow2_ge_0].
      destruct (Nat.eqb _ _); lra. }
    assert (q * b^2 <= q * (net T (m + m * m)%nat O + b)^2) by (apply Rmult_le_compat_l; [easy|]; nra). lra.
  - intros T j Hj E HT. now apply (one_less T j).
Qed.

(** ||h_j||^2 = om for every j: h_j is 1 at e_j and 0 at the other points *)
Lemma effect_om j : (j < m)%nat -> (fnorm pair_data (unit_effect pair_data (W pair_theta) (V pair_theta) j))^2 = om.
Proof.
  intros Hj. set (v := fun i (_ : nat) => kronecker j i).
  set (h := fun (k : nat) (c : nat) => V pair_theta j c * feature pair_data pair_theta k j).
  assert (Eh : forall k, h k O = net (readout pair_theta v zero_matrix) k O).
  { intros k. rewrite theta_net. rewrite (lsum_ext _ _ (fun i => if Nat.eqb j i then relu (dot pair_data (pair_rows i)
      (input pair_data k)) else 0)).
    - rewrite lsum_delta by easy. unfold h. change (V pair_theta j O) with 1. unfold feature.
      change (W pair_theta j) with (pair_rows j). ring.
    - intros i _. unfold v, kronecker. destruct (Nat.eqb j i); ring. }
  assert (E : (fnorm pair_data h)^2 = om * \sum_(i < m) (h i O)^2
    + \sum_(i < m) \sum_(k < m) ((if Nat.eqb i k then 0 else om / 4) * (h (pair i k) O)^2) + q * (h (m
        + m * m)%nat O)^2).
  { (* the squared error against the target, shifted: compare with the loss formula by the same splitting *)
    unfold fnorm. rewrite l2norm_sq. cbn [points outputs pair_data]. rewrite seq_sum, seq_sum, grid_sum.
    f_equal; [f_equal|].
    - rewrite <- lsum_scal. apply lsum_ext. intros i Hi. apply in_rng in Hi. cbn [seq lsum weight pair_data].
      unfold pair_weight.
      rewrite (proj2 (Nat.ltb_lt i m) Hi). ring.
    - apply lsum_ext; intros i Hi. apply in_rng in Hi. apply lsum_ext; intros k Hk. apply in_rng in Hk.
      replace (m + (i * m + k))%nat with (pair i k) by (unfold pair; lia).
      destruct (pair_split i k Hi Hk) as (Hr & Ed & Em). cbn [seq lsum weight pair_data]. unfold pair_weight.
      rewrite (proj2 (Nat.ltb_ge (pair i k) m)), (proj2 (Nat.ltb_lt (pair i k) (m + m * m))), Ed, Em by lia. ring.
    - cbn [seq lsum weight pair_data]. unfold pair_weight. rewrite Nat.add_0_r.
      rewrite (proj2 (Nat.ltb_ge (m + m * m) m)), (proj2 (Nat.ltb_ge (m + m * m) (m + m * m))) by lia. ring. }
  change ((fnorm pair_data h)^2 = om). rewrite E. destruct (theta_values v) as (H1 & H2 & H3). rewrite Eh, H3.
  rewrite (lsum_ext (seq 0 m) (fun i => (h i O)^2) (fun i => if Nat.eqb j i then 1 else 0)).
  - rewrite (lsum_delta m j (fun _ => 1) Hj).
    rewrite (lsum_zero (seq 0 m)); [ring|]. intros i Hi. apply in_rng in Hi. apply lsum_zero; intros k Hk.
    apply in_rng in Hk.
    destruct (Nat.eqb_spec i k); [ring|]. rewrite Eh, H2 by easy. ring.
  - intros i Hi. apply in_rng in Hi. rewrite Eh, H1 by easy. unfold v, kronecker. destruct (Nat.eqb j i); ring.
Qed.

(** the path down: V_0 to 0, load e_m, readout line *)
Lemma at_most_om : om < q * b^2 -> depth_at_most (fun P => loss P) pair_theta om.
Proof.
  intros Hlarge. set (v0 := fun j (_ : nat) => if Nat.eqb j O then 0 else 1).
  set (P0 := readout pair_theta v0 zero_matrix). set (P1 := load P0 [O] (fun _ => kronecker m)).
  set (v2 := fun j (_ : nat) => if Nat.eqb j O then - b else 1). set (P2 := readout P1 v2 zero_matrix).
  assert (L0 : loss P0 = om + q * b^2).
  { unfold P0. rewrite theta_readout_loss. f_equal. rewrite (lsum_ext _ _ (fun i => if Nat.eqb O i then 1 else 0)).
    - rewrite (lsum_delta m O (fun _ => 1)) by lia. ring.
    - intros i _. unfold v0. rewrite (Nat.eqb_sym i O). destruct (Nat.eqb O i); ring. }
  assert (Hsil : silent P0 [O]). { intros j [<-|[]]. split; intros; reflexivity. }
  assert (N1 : net P1 = net P0) by (unfold P1; rewrite <- (lin_1 P0 (load P0 _ _)); now apply L9_silent).
  (* outputs at the end *)
  assert (N2 : forall k, net P2 k O = net P0 k O + - b * relu (dot pair_data (kronecker m) (input pair_data k))).
  { intros k. rewrite !net_sum. rewrite (lsum_ext _ _ (fun j => V P0 j O * relu (dot pair_data (W P0 j) (input
      pair_data k))
       + (if Nat.eqb O j then - b * relu (dot pair_data (kronecker m) (input pair_data k)) else 0))).
    - rewrite lsum_plus, (lsum_delta m O (fun _ => - b * relu (dot pair_data (kronecker m) (input pair_data k))))
        by lia. easy.
    - intros j _. change (V P2 j O) with (v2 j O). change (V P0 j O) with (v0 j O). unfold v2, v0.
      rewrite (Nat.eqb_sym O j). destruct (Nat.eqb_spec j O) as [->|Hne].
      + rewrite (dot_ext pair_data (W P2 O) (kronecker m)) by (intros; reflexivity). ring.
      + rewrite (dot_ext pair_data (W P2 j) (W P0 j)); [ring|]. intros i. unfold P2, P1, readout, load; entries.
        unfold mem; simpl. destruct j; [easy|]. easy. }
  assert (Hd : forall w k, dot pair_data w (input pair_data k) = dot pair_data (input pair_data k) w).
  { intros. unfold dot. apply lsum_ext; intros; ring. }
  assert (L2 : loss P2 = om).
  { rewrite pair_loss. destruct (theta_values v0) as (H1 & H2 & H3). fold P0 in H1, H2, H3.
    assert (Z1 : forall i, (i < m)%nat -> net P2 i O = v0 i O).
    { intros i Hi. rewrite N2, H1, single_dot by easy. unfold kronecker. rewrite (proj2 (Nat.eqb_neq m i)) by lia.
      rewrite relu_neg by lra. ring. }
    rewrite (lsum_ext (seq 0 m) (fun i => (net P2 i O - 1)^2) (fun i => if Nat.eqb O i then 1 else 0)).
    - rewrite (lsum_delta m O (fun _ => 1)) by lia. rewrite (lsum_zero (seq 0 m)).
      + rewrite N2, H3, last_dot. unfold kronecker. rewrite Nat.eqb_refl, relu_pos by lra. ring.
      + intros i Hi. apply in_rng in Hi. apply lsum_zero; intros k Hk. apply in_rng in Hk.
        destruct (Nat.eqb_spec i k); [ring|].
        rewrite N2, H2, pair_dot by easy. unfold kronecker. rewrite (proj2 (Nat.eqb_neq m i)),
          (proj2 (Nat.eqb_neq m k)) by lia.
        rewrite relu_neg by lra. ring.
    - intros i Hi. apply in_rng in Hi. rewrite Z1 by easy. unfold v0. rewrite (Nat.eqb_sym i O).
      destruct (Nat.eqb O i); ring. }
  assert (Hline : forall P v u c, loss P <= c -> loss (readout P v u) <= c ->
    joined (sublevel (fun P => loss P) c) P (readout P v u)).
  { intros P v u c Ha Hb'. apply joined_line. intros t Ht. unfold sublevel.
    replace (net (lin t P (readout P v u))) with (fun k c => (1 - t) * net P k c + t * net (readout P v u) k c)
      by (apply matrix_ext; intros; symmetry; apply L7_affine).
    eapply Rle_trans; [apply L7_squared; lra|]. cbv beta. nra. }
  apply (joined_depth _ pair_theta P2); [|rewrite L2, theta_loss; lra]. rewrite theta_loss.
  apply (joined_trans _ _ P0); [apply Hline; [rewrite theta_loss; lra | fold P0; lra]|].
  apply (joined_step _ P0 P1).
  - intros t _. unfold sublevel, P1. rewrite L9_silent by easy. lra.
  - apply Hline; [rewrite N1; lra | fold P2; lra].
Qed.

(** "depth(theta) = omega = min_j ||h_j||^2 exactly" *)
Theorem T8b_exact_depth : om < q * b^2 ->
  loss pair_theta = q * b^2 /\
  (forall j, (j < m)%nat -> (fnorm pair_data (unit_effect pair_data (W pair_theta) (V pair_theta) j))^2 = om) /\
  depth_at_most (fun P => loss P) pair_theta om /\ depth_at_least (fun P => loss P) pair_theta om.
Proof.
  intros H. split; [apply theta_loss|]. split; [exact effect_om|].
  split; [now apply at_most_om | exact at_least_om].
Qed.
End Design.
