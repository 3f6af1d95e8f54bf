(** The losses that people train with, over all p outputs (L7 [fb], L8 [ours], T7L [ours], for one sample): losses of
    one output, summed over the outputs, and the hinge of labels. What losses.v and curvature.v say of output 0 passes
    to the sum, with sqrt p in the Lipschitz constant and the same curvature. With a readout line the loss of every
    such network is at most its larger end.

    Definitions: [summed], a loss of one target and one output, summed over the outputs; [largest], the largest of 0
    and of the numbers of a list of indices; [multi_hinge], the hinge of Crammer and Singer for a label.
    Statements: L7, L8, T7L. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses smooth curvature.
Import ListNotations.
Open Scope R_scope.

(** the largest of 0 and of g over the list *)
Definition largest (l : list nat) (g : nat -> R) : R := fold_right (fun j m => Rmax (g j) m) 0 l.

Lemma largest_nonneg l g : 0 <= largest l g.
Proof. induction l as [|i r IH]; [apply Rle_refl|]. eapply Rle_trans; [exact IH | apply Rmax_r]. Qed.

Lemma largest_ge l g j : In j l -> g j <= largest l g.
Proof.
  induction l as [|i r IH]; [easy|]. intros [->|H]; [apply Rmax_l|]. eapply Rle_trans; [now apply IH | apply Rmax_r].
Qed.

Lemma largest_attained l g : largest l g = 0 \/ exists j, In j l /\ largest l g = g j.
Proof.
  induction l as [|i r IH]; [now left|]. cbn [largest fold_right]. fold (largest r g).
  unfold Rmax. destruct (Rle_dec (g i) (largest r g)) as [h|h].
  - destruct IH as [E|(j & Hj & E)]; [now left | right; exists j; split; [now right | easy]].
  - right. exists i. split; [now left | easy].
Qed.

Section Outputs.
Variable X : data.
Notation p := (outputs X).

(** "the sum over the outputs": phi of one target and one output *)
Definition summed (phi : R -> R -> R) (y u : vector) : R := \sum_(c < outputs X) phi (y c) (u c).

(** one changed coordinate *)
Lemma moved_sum (s : vector) a b : (1 <= p)%nat ->
  \sum_(c < p) (s c * ((if Nat.eqb 0 c then b else a) - a)) = s 0%nat * (b - a).
Proof.
  intros Hp. rewrite (lsum_ext _ _ (fun c => if Nat.eqb 0 c then s c * (b - a) else 0)).
  - now rewrite (lsum_delta p 0%nat (fun c => s c * (b - a))) by lia.
  - intros c _. destruct (Nat.eqb 0 c); ring.
Qed.

Lemma moved_norm a b : (1 <= p)%nat -> (enorm p (fun c => (if Nat.eqb 0 c then b else a) - a))^2 = (b - a)^2.
Proof.
  intros Hp. rewrite enorm_sq, (lsum_ext _ _ (fun c => if Nat.eqb 0 c then (b - a)^2 else 0)).
  - now rewrite (lsum_delta p 0%nat (fun _ => (b - a)^2)) by lia.
  - intros c _. destruct (Nat.eqb 0 c); ring.
Qed.

Lemma scalar_support G phi a : (1 <= p)%nat -> supported X G (on_output phi) ->
  exists s, Rabs s <= G /\ forall b, phi a + s * (b - a) <= phi b.
Proof.
  intros Hp H. destruct (H (fun _ => a)) as (s & Hs & Hsup). exists (s 0%nat). split.
  - eapply Rle_trans; [apply (enorm_entry p s); lia | exact Hs].
  - intros b. specialize (Hsup (fun c => if Nat.eqb 0 c then b else a)). cbv beta in Hsup.
    rewrite moved_sum in Hsup by easy. exact Hsup.
Qed.

Lemma scalar_smooth beta phi a : (1 <= p)%nat -> smooth_output X beta (on_output phi) ->
  exists s, forall b, phi a + s * (b - a) <= phi b <= phi a + s * (b - a) + beta / 2 * (b - a)^2.
Proof.
  intros Hp H. destruct (H (fun _ => a)) as (s & Hs). exists (s 0%nat). intros b.
  specialize (Hs (fun c => if Nat.eqb 0 c then b else a)). cbv beta in Hs.
  rewrite moved_sum, moved_norm in Hs by easy. exact Hs.
Qed.

(** one slope for every output *)
Lemma slope_choice n (S : nat -> R -> Prop) : (forall c, (c < n)%nat -> exists s, S c s) ->
  exists r : vector, forall c, (c < n)%nat -> S c (r c).
Proof.
  intros H. induction n as [|n IH]; [exists (fun _ => 0); intros; lia|].
  destruct IH as (r & Hr); [intros; apply H; lia|]. destruct (H n) as (s & Hs); [lia|].
  exists (fun c => if Nat.eqb c n then s else r c). intros c Hc. destruct (Nat.eqb_spec c n) as [->|Hne]; [easy|].
  apply Hr. lia.
Qed.

(** G for one output is G sqrt p for the sum *)
Theorem L8_summed G phi y : 0 <= G -> (forall c, (c < p)%nat -> supported X G (on_output (phi (y c)))) ->
  supported X (G * sqrt (INR p)) (summed phi y).
Proof.
  intros HG H u.
  destruct (slope_choice p (fun c s => Rabs s <= G /\ forall b, phi (y c) (u c) + s * (b - u c) <= phi (y c) b))
    as (s & Hs); [intros c Hc; apply scalar_support; [lia | now apply H]|].
  exists s. split.
  - apply wnorm_le_sq; [apply Rmult_le_pos; [easy | apply sqrt_pos]|].
    rewrite Rpow_mult_distr, pow2_sqrt by apply pos_INR.
    apply Rle_trans with (\sum_(c < p) G^2).
    + apply lsum_le; intros c Hc. apply in_rng in Hc. destruct (Hs c Hc) as [H1 _]. rewrite Rmult_1_l, <- pow2_abs.
      apply pow_incr. split; [apply Rabs_pos | exact H1].
    + rewrite lsum_const, seq_length. right. ring.
  - intros v. unfold summed. rewrite <- lsum_plus. apply lsum_le; intros c Hc. apply in_rng in Hc.
    now apply Hs.
Qed.

(** and beta stays beta *)
Theorem T7L_summed beta phi y : (forall c, (c < p)%nat -> smooth_output X beta (on_output (phi (y c)))) ->
  smooth_output X beta (summed phi y).
Proof.
  intros H u.
  destruct (slope_choice p (fun c s => forall b, phi (y c) (u c) + s * (b - u c) <= phi (y c) b
      <= phi (y c) (u c) + s * (b - u c) + beta / 2 * (b - u c)^2))
    as (s & Hs); [intros c Hc; apply scalar_smooth; [lia | now apply H]|].
  exists s. intros v. unfold summed. rewrite enorm_sq, <- lsum_scal, <- !lsum_plus.
  split; apply lsum_le; intros c Hc; apply in_rng in Hc; now apply Hs.
Qed.

(** ** Each of the losses *)
Theorem L8_absolute_sum y : supported X (sqrt (INR p)) (summed (fun z a => Rabs (a - z)) y).
Proof.
  rewrite <- (Rmult_1_l (sqrt _)). apply L8_summed; [lra|]. intros c Hc.
  apply supported_scalar; [lia | lra|]. intros a. destruct (Rle_dec 0 (a - y c)) as [h|h].
  - exists 1. split; [rewrite Rabs_R1; lra|]. intros b. rewrite (Rabs_right (a - y c)) by lra.
    pose proof (Rle_abs (b - y c)). lra.
  - exists (-1). split; [rewrite Rabs_left by lra; lra|]. intros b. rewrite (Rabs_left (a - y c)) by lra.
    pose proof (Rle_abs (- (b - y c))) as E. rewrite Rabs_Ropp in E. lra.
Qed.

Theorem L8_huber_sum delta y : 0 <= delta ->
  supported X (delta * sqrt (INR p)) (summed (fun z a => huber_fun delta (a - z)) y).
Proof. intros Hd. apply L8_summed; [easy|]. intros c Hc. apply (L8_huber X delta (fun _ => y c)); [lia | easy]. Qed.

Theorem L8_hinge_sum y : (forall c, (c < p)%nat -> Rabs (y c) <= 1) ->
  supported X (sqrt (INR p)) (summed (fun z a => Rmax 0 (1 - z * a)) y).
Proof.
  intros Hy. rewrite <- (Rmult_1_l (sqrt _)). apply L8_summed; [lra|]. intros c Hc.
  apply (L8_hinge X (fun _ => y c)); [lia | now apply Hy].
Qed.

Theorem L8_logistic_sum y : (forall c, (c < p)%nat -> Rabs (y c) <= 1) ->
  supported X (sqrt (INR p)) (summed (fun z a => ln (1 + exp (- (z * a)))) y).
Proof.
  intros Hy. rewrite <- (Rmult_1_l (sqrt _)). apply L8_summed; [lra|]. intros c Hc.
  apply (L8_logistic X (fun _ => y c)); [lia | now apply Hy].
Qed.

Theorem T7L_huber_sum delta y : 0 <= delta -> smooth_output X 1 (summed (fun z a => huber_fun delta (a - z)) y).
Proof. intros Hd. apply T7L_summed. intros c Hc. apply (T7L_huber X delta (fun _ => y c)); [lia | easy]. Qed.

Theorem T7L_logistic_sum y : (forall c, (c < p)%nat -> Rabs (y c) <= 1) ->
  smooth_output X (1 / 4) (summed (fun z a => ln (1 + exp (- (z * a)))) y).
Proof. intros Hy. apply T7L_summed. intros c Hc. apply (T7L_logistic X (fun _ => y c)); [lia | now apply Hy]. Qed.

(** "max(0, max_(j != y) 1 + f_j - f_y)" *)
Definition multi_hinge (label : nat) (u : vector) : R :=
  largest (seq 0 (outputs X)) (fun j => if Nat.eqb j label then 0 else 1 + u j - u label).

Theorem L8_multi_hinge label : (label < p)%nat -> supported X (sqrt 2) (multi_hinge label).
Proof.
  intros Hlabel u.
  assert (H0 : multi_hinge label u = 0 ->
    exists s, enorm p s <= sqrt 2 /\ forall v, multi_hinge label u + \sum_(c < p) (s c * (v c - u c)) <=
      multi_hinge label v).
  { intros E. exists (fun _ => 0). split; [rewrite enorm_zero by easy; apply sqrt_pos|]. intros v.
    rewrite lsum_zero by (intros; ring). rewrite E, Rplus_0_r. apply largest_nonneg. }
  destruct (largest_attained (seq 0 p) (fun j => if Nat.eqb j label then 0 else 1 + u j - u label)) as [E|(j & Hj & E)];
    [now apply H0|].
  destruct (Nat.eqb_spec j label) as [Hjl|Hjl]; [now apply H0|]. fold (multi_hinge label u) in E.
  apply in_rng in Hj. exists (fun c => (if Nat.eqb j c then 1 else 0) - (if Nat.eqb label c then 1 else 0)). split.
  - apply wnorm_le_sq; [apply sqrt_pos|]. rewrite pow2_sqrt by lra.
    rewrite (lsum_ext _ _ (fun c => (if Nat.eqb j c then 1 else 0) + (if Nat.eqb label c then 1 else 0))).
    + rewrite lsum_plus, (lsum_delta p j (fun _ => 1)), (lsum_delta p label (fun _ => 1)) by easy. lra.
    + intros c _. destruct (Nat.eqb_spec j c); destruct (Nat.eqb_spec label c); [congruence | ring..].
  - intros v. rewrite (lsum_ext _ _ (fun c => (if Nat.eqb j c then v c - u c else 0)
      - (if Nat.eqb label c then v c - u c else 0)))
      by (intros c _; destruct (Nat.eqb j c); destruct (Nat.eqb label c); ring).
    rewrite lsum_minus, (lsum_delta p j (fun c => v c - u c)), (lsum_delta p label (fun c => v c - u c)) by easy.
    rewrite E. unfold multi_hinge.
    eapply Rle_trans; [|apply (largest_ge (seq 0 p) _ j); now apply in_rng]. cbv beta.
    destruct (Nat.eqb_spec j label); [easy|]. lra.
Qed.
End Outputs.

(** "its maximum over the segment is its value at an end": every loss that is convex in the outputs *)
Theorem L7_readout_line X m B Phi P v u t : convex Phi -> 0 <= t <= 1 ->
  Phi (parallel X m B (lin t P (readout P v u)))
  <= Rmax (Phi (parallel X m B P)) (Phi (parallel X m B (readout P v u))).
Proof.
  intros H Ht. replace (parallel X m B (lin t P (readout P v u))) with
    (fun k c => (1 - t) * parallel X m B P k c + t * parallel X m B (readout P v u) k c)
    by (apply matrix_ext; intros; symmetry; apply L7_affine).
  now apply (convex_max_at_ends Phi).
Qed.
